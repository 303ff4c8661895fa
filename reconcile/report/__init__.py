"""A plan or a run as text, JSON and markdown. Pure: returns text, prints nothing."""
