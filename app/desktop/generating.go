//go:build bindings

package desktop

// generating: `wails build` runs the program to learn the bound methods; there is neither display nor profile then.
const generating = true
