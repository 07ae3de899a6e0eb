"""Every read a page makes, one file a page; functions say what comes back and how many queries."""
