"""A plan as a comment on a pull request or as a job summary: Markdown, composed to the host's limit. Posting is not its business."""
