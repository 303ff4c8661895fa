"""Between git hosts, chat rooms and monitors on one side and the runs on the other."""
