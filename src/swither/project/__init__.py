"""People label: the store, the queue, the background worker, import and export. No web here."""
