//! Puts a door into a contract's wasm: its `__check_auth` accepts one signature value, the pass, and hands everything
//! else to the contract's own. Nothing but the export, one function and its type is added, so every other function
//! behaves as before. The result is as valid as the input; that the input is valid is for the host to check.

const CHECK_AUTH: &[u8] = b"__check_auth";
const HEADER: &[u8] = b"\0asm\x01\0\0\0";

const TYPE_SECTION: u8 = 1;
const IMPORT_SECTION: u8 = 2;
const FUNCTION_SECTION: u8 = 3;
const EXPORT_SECTION: u8 = 7;
const CODE_SECTION: u8 = 10;

const I64: u8 = 0x7e;
const FUNCTION_KIND: u8 = 0;

/// `(payload, signature, contexts) -> void`, each a 64-bit host value.
const CHECK_AUTH_TYPE: [u8; 7] = [0x60, 3, I64, I64, I64, 1, I64];

/// None if `wasm` does not have the sections that every contract has.
pub fn with_pass(wasm: &[u8], pass: u64, void: u64) -> Option<Vec<u8>> {
    let sections = sections_of(wasm.strip_prefix(HEADER)?)?;
    let body_of = |id: u8| {
        sections
            .iter()
            .find(|section| section.0 == id)
            .map(|section| section.1)
    };
    let types = Entries::of(body_of(TYPE_SECTION)?)?;
    let functions = Entries::of(body_of(FUNCTION_SECTION)?)?;
    let exports = Entries::of(body_of(EXPORT_SECTION)?)?;
    let code = Entries::of(body_of(CODE_SECTION)?)?;
    let imported = match body_of(IMPORT_SECTION) {
        Some(imports) => imported_functions(imports)?,
        None => 0,
    };
    let (kept_exports, original) = without_check_auth(&exports)?;
    let new_function = imported.checked_add(functions.count)?;

    let mut export = sized(CHECK_AUTH);
    export.push(FUNCTION_KIND);
    write_u32(&mut export, new_function);
    let body = sized(&check_auth_body(pass, void, original));
    let mut type_index = Vec::new();
    write_u32(&mut type_index, types.count);

    let mut patched = HEADER.to_vec();
    for (id, section) in &sections {
        let replaced = match *id {
            TYPE_SECTION => types.followed_by(&CHECK_AUTH_TYPE),
            FUNCTION_SECTION => functions.followed_by(&type_index),
            EXPORT_SECTION => kept_exports.followed_by(&export),
            CODE_SECTION => code.followed_by(&body),
            _ => section.to_vec(),
        };
        patched.push(*id);
        patched.extend(sized(&replaced));
    }
    Some(patched)
}

/// `if signature == pass { void } else { original(payload, signature, contexts) }`; without an original it traps.
fn check_auth_body(pass: u64, void: u64, original: Option<u32>) -> Vec<u8> {
    const LOCAL_GET: u8 = 0x20;
    const I64_CONST: u8 = 0x42;
    const I64_EQ: u8 = 0x51;
    const IF: u8 = 0x04;
    const ELSE: u8 = 0x05;
    const CALL: u8 = 0x10;
    const UNREACHABLE: u8 = 0x00;
    const END: u8 = 0x0b;
    let mut body = vec![0, LOCAL_GET, 1, I64_CONST];
    write_i64(&mut body, pass as i64);
    body.extend([I64_EQ, IF, I64, I64_CONST]);
    write_i64(&mut body, void as i64);
    body.push(ELSE);
    match original {
        Some(function) => {
            body.extend([LOCAL_GET, 0, LOCAL_GET, 1, LOCAL_GET, 2, CALL]);
            write_u32(&mut body, function);
        }
        None => body.push(UNREACHABLE),
    }
    body.extend([END, END]);
    body
}

/// The content of a section that is a counted list.
struct Entries {
    count: u32,
    bytes: Vec<u8>,
}

impl Entries {
    fn of(section: &[u8]) -> Option<Self> {
        let mut rest = section;
        let count = read_u32(&mut rest)?;
        // An entry takes at least a byte: a larger count cannot be honest.
        if count as usize > rest.len() {
            return None;
        }
        Some(Self {
            count,
            bytes: rest.to_vec(),
        })
    }

    fn followed_by(&self, entry: &[u8]) -> Vec<u8> {
        let mut section = Vec::new();
        write_u32(&mut section, self.count + 1);
        section.extend_from_slice(&self.bytes);
        section.extend_from_slice(entry);
        section
    }
}

fn sections_of(mut rest: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut sections = Vec::new();
    while !rest.is_empty() {
        let id = take(&mut rest, 1)?[0];
        let length = read_u32(&mut rest)? as usize;
        sections.push((id, take(&mut rest, length)?));
    }
    Some(sections)
}

fn imported_functions(section: &[u8]) -> Option<u32> {
    let mut rest = section;
    let mut functions = 0;
    for _ in 0..read_u32(&mut rest)? {
        for _ in 0..2 {
            let length = read_u32(&mut rest)? as usize;
            take(&mut rest, length)?;
        }
        // Contracts import functions only; the host refuses anything else.
        if take(&mut rest, 1)?[0] != FUNCTION_KIND {
            return None;
        }
        read_u32(&mut rest)?;
        functions += 1;
    }
    Some(functions)
}

fn without_check_auth(exports: &Entries) -> Option<(Entries, Option<u32>)> {
    let mut rest = exports.bytes.as_slice();
    let mut kept = Vec::new();
    let mut original = None;
    for _ in 0..exports.count {
        let start = rest;
        let length = read_u32(&mut rest)? as usize;
        let name = take(&mut rest, length)?;
        let kind = take(&mut rest, 1)?[0];
        let index = read_u32(&mut rest)?;
        if name == CHECK_AUTH && kind == FUNCTION_KIND {
            original = Some(index);
        } else {
            kept.extend_from_slice(&start[..start.len() - rest.len()]);
        }
    }
    let count = exports.count - u32::from(original.is_some());
    Some((Entries { count, bytes: kept }, original))
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 5);
    write_u32(&mut out, bytes.len() as u32);
    out.extend_from_slice(bytes);
    out
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    if length > rest.len() {
        return None;
    }
    let (taken, left) = rest.split_at(length);
    *rest = left;
    Some(taken)
}

/// LEB128, at most five bytes.
fn read_u32(rest: &mut &[u8]) -> Option<u32> {
    let mut value = 0u64;
    for shift in (0..35).step_by(7) {
        let byte = take(rest, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(value).ok();
        }
    }
    None
}

fn write_u32(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn write_i64(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let low = value as u8 & 0x7f;
        value >>= 7;
        let is_last = (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0);
        out.push(if is_last { low } else { low | 0x80 });
        if is_last {
            return;
        }
    }
}
