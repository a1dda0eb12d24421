//! The native host of protocol 29 as a filter: see the library's `replay`. It exists to be compared with the wasm, in
//! bytes and in time, and is part of no product.

fn main() -> std::io::Result<()> {
    latchkey_devnet_host_p29::replay::serve()
}
