"""The labelling page: a small server in front of one project. It asks the project, and never trains."""
