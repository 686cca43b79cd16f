//go:build desktop || dev

package desktop

const windowBuilt = true
