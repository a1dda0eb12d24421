//! Strips from a contract's wasm what Soroban does not need: the entries of its specification
//! (section `contractspecv0`) that the contract never uses, as stellar-cli does, by soroban-spec's
//! own rules; and, of its exports, the linker's globals, which every caller pays for.
//!
//! Usage: `spec-shake INPUT.wasm OUTPUT.wasm`
//!
//! Guarantees that all other sections stay byte for byte. It does not validate the wasm; the host
//! does, when the code is uploaded.

mod section;
#[cfg(test)]
mod test;

use std::{env, error::Error, fs, process::ExitCode};

use section::Section;
use soroban_spec::{
    read,
    shaking::{self, Model},
};
use stellar_xdr::{Limited, Limits, ReadXdr, ScMetaEntry, WriteXdr};

const CUSTOM_SECTION: u8 = 0;
const EXPORT_SECTION: u8 = 7;
const GLOBAL_EXPORT: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: spec-shake INPUT.wasm OUTPUT.wasm");
        return ExitCode::from(2);
    };
    match shake_file(input, output) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("spec-shake: {input}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn shake_file(input: &str, output: &str) -> Result<String, Box<dyn Error>> {
    let wasm = fs::read(input)?;
    let shaken = shake(&wasm)?;
    fs::write(output, &shaken)?;
    Ok(format!("{} -> {} bytes", wasm.len(), shaken.len()))
}

fn shake(wasm: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let (header, sections) = section::split(wasm)?;
    let model = shaking::model_for_meta(&read_meta(&sections)?);
    if model == Model::None {
        return Err("nothing says how the specification could be shaken".into());
    }
    let mut shaken = header.to_vec();
    for section in &sections {
        match section {
            Section {
                id: EXPORT_SECTION,
                body,
                ..
            } => {
                section::write(&mut shaken, EXPORT_SECTION, &without_global_exports(body)?);
            }
            _ if section.custom_name() == Some("contractspecv0") => {}
            _ => shaken.extend_from_slice(section.encoded),
        }
    }
    let mut spec = section::custom_body("contractspecv0");
    let markers = shaking::find_all(wasm);
    for entry in shaking::filter(read::from_wasm(wasm)?, &markers, model) {
        spec.extend(entry.to_xdr(Limits::none())?);
    }
    section::write(&mut shaken, CUSTOM_SECTION, &spec);
    Ok(shaken)
}

fn read_meta(sections: &[Section]) -> Result<Vec<ScMetaEntry>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    for section in sections
        .iter()
        .filter(|s| s.custom_name() == Some("contractmetav0"))
    {
        bytes.extend_from_slice(section.custom_content());
    }
    let mut reader = Limited::new(bytes.as_slice(), Limits::none());
    Ok(ScMetaEntry::read_xdr_iter(&mut reader).collect::<Result<_, _>>()?)
}

/// `__data_end`, `__heap_base` and the SDK's marker `_` mean nothing to the host.
fn without_global_exports(body: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut at = 0;
    let mut kept = Vec::new();
    let mut kept_count = 0;
    for _ in 0..section::read_leb(body, &mut at)? {
        let start = at;
        let name_length = section::read_leb(body, &mut at)?;
        at += name_length;
        let kind = *body.get(at).ok_or("truncated export section")?;
        at += 1;
        section::read_leb(body, &mut at)?;
        if kind != GLOBAL_EXPORT {
            kept.extend_from_slice(&body[start..at]);
            kept_count += 1;
        }
    }
    let mut rewritten = section::leb(kept_count);
    rewritten.extend(kept);
    Ok(rewritten)
}
