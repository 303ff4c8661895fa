"""Git hosts: comments of pull requests and issues, through each host's REST interface."""
