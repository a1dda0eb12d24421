//! WebAssembly's outermost layer (core specification, section 5.5.2): a header, then sections of
//! an id byte, a LEB128 length and a body. Just enough to take a module apart and put it together.

pub struct Section<'a> {
    pub id: u8,
    pub body: &'a [u8],
    /// The whole section with id and length.
    pub encoded: &'a [u8],
}

impl<'a> Section<'a> {
    pub fn custom_name(&self) -> Option<&'a str> {
        std::str::from_utf8(self.split_custom()?.0).ok()
    }

    /// What follows a custom section's name; empty for other sections.
    pub fn custom_content(&self) -> &'a [u8] {
        self.split_custom().map_or(&[], |(_, content)| content)
    }

    fn split_custom(&self) -> Option<(&'a [u8], &'a [u8])> {
        if self.id != 0 {
            return None;
        }
        let mut at = 0;
        let length = read_leb(self.body, &mut at).ok()?;
        self.body[at..].split_at_checked(length)
    }
}

/// The 8-byte header and the sections in order.
pub fn split(wasm: &[u8]) -> Result<(&[u8], Vec<Section<'_>>), String> {
    let (header, _) = wasm
        .split_at_checked(8)
        .ok_or("shorter than a wasm header")?;
    if !header.starts_with(b"\0asm") {
        return Err("not a wasm module".into());
    }
    let mut sections = Vec::new();
    let mut at = header.len();
    while at < wasm.len() {
        let start = at;
        at += 1;
        let length = read_leb(wasm, &mut at)?;
        let body = wasm.get(at..at + length).ok_or("truncated section")?;
        at += length;
        sections.push(Section {
            id: wasm[start],
            body,
            encoded: &wasm[start..at],
        });
    }
    Ok((header, sections))
}

pub fn write(wasm: &mut Vec<u8>, id: u8, body: &[u8]) {
    wasm.push(id);
    wasm.extend(leb(body.len()));
    wasm.extend_from_slice(body);
}

/// The start of a custom section's body: its name.
pub fn custom_body(name: &str) -> Vec<u8> {
    let mut body = leb(name.len());
    body.extend_from_slice(name.as_bytes());
    body
}

/// Unsigned LEB128 of at most 32 bits, at `at`, which it moves behind the number.
pub fn read_leb(bytes: &[u8], at: &mut usize) -> Result<usize, String> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(*at).ok_or("truncated number")?;
        *at += 1;
        number |= ((byte & 0x7f) as usize) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err("a number longer than 32 bits".into())
}

pub fn leb(mut number: usize) -> Vec<u8> {
    let mut encoded = Vec::new();
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            encoded.push(byte);
            return encoded;
        }
        encoded.push(byte | 0x80);
    }
}
