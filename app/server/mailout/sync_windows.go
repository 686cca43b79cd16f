package mailout

// syncFolder does nothing: Windows has no handle on a folder to flush, and its file system journals names.
func syncFolder(string) error { return nil }
