mod built_wasm;
mod differential;
mod encoding;
mod ntt;
mod published_vectors;
mod rounding;
mod sampling;
mod shake;
