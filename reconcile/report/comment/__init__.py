"""A plan as a comment on a pull request or as a summary of a job: Markdown, composed to the limit of its host."""
