mod frames;
mod modules;
mod wasm_patch;
