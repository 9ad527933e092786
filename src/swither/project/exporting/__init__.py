"""The labels of a project as files for other programs."""
