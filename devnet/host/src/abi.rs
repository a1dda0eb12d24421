//! The wasm exports (`alloc`, `dealloc`, `call`, `init`) and imports (`get_entry`, `log_panic`).
//! Memory rule: whoever receives a block frees it with `dealloc` and the block's length. A trap (host panic)
//! leaves the instance unusable; the embedder must instantiate the module anew.
use crate::{LookUpFailed, StoredEntry};

/// Length of an answer's header: has-TTL word, live-until word, length word.
const ANSWER_HEADER_BYTES: usize = 12;
const LOOK_UP_FAILED: usize = 1;

#[link(wasm_import_module = "env")]
extern "C" {
    /// Looks up a ledger key. The answer is a block from `alloc`: u32 has TTL, u32 live-until ledger, u32 length,
    /// entry XDR; address 0 means that there is no such entry, 1 that the look-up failed.
    fn get_entry(key: *const u8, length: usize) -> *mut u8;
    /// Receives the text of a panic, right before the trap.
    fn log_panic(text: *const u8, length: usize);
}

#[no_mangle]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    let mut block = Vec::<u8>::with_capacity(length.max(1));
    let address = block.as_mut_ptr();
    core::mem::forget(block);
    address
}

/// # Safety
/// `address` and `length` must be those of a block from `alloc` that was not freed yet.
#[no_mangle]
pub unsafe extern "C" fn dealloc(address: *mut u8, length: usize) {
    drop(Vec::from_raw_parts(address, 0, length.max(1)));
}

/// Runs one operation. The result is a block: u32 length, reply frame.
///
/// # Safety
/// `input` must point to `length` readable bytes.
#[no_mangle]
pub unsafe extern "C" fn call(operation: u32, input: *const u8, length: usize) -> *mut u8 {
    let reply = crate::call(
        operation,
        core::slice::from_raw_parts(input, length),
        look_up,
    );
    let block = alloc(4 + reply.len());
    core::ptr::copy_nonoverlapping((reply.len() as u32).to_le_bytes().as_ptr(), block, 4);
    core::ptr::copy_nonoverlapping(reply.as_ptr(), block.add(4), reply.len());
    block
}

#[no_mangle]
pub extern "C" fn init() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        unsafe { log_panic(text.as_ptr(), text.len()) }
    }));
}

fn look_up(key: &[u8]) -> Result<Option<StoredEntry>, LookUpFailed> {
    // The embedder's answer is trusted to have the documented layout: it is our own code on the other side.
    unsafe {
        let block = get_entry(key.as_ptr(), key.len());
        if block.is_null() {
            return Ok(None);
        }
        if block as usize == LOOK_UP_FAILED {
            return Err(LookUpFailed);
        }
        let word = |offset: usize| {
            let mut bytes = [0; 4];
            core::ptr::copy_nonoverlapping(block.add(offset), bytes.as_mut_ptr(), 4);
            u32::from_le_bytes(bytes)
        };
        let (has_ttl, live_until_ledger, length) = (word(0), word(4), word(8) as usize);
        let xdr = core::slice::from_raw_parts(block.add(ANSWER_HEADER_BYTES), length).to_vec();
        dealloc(block, ANSWER_HEADER_BYTES + length);
        Ok(Some(StoredEntry {
            xdr,
            live_until_ledger: (has_ttl != 0).then_some(live_until_ledger),
        }))
    }
}
