"""Where images come from: one file a source, each answering what it holds before anything is read."""
