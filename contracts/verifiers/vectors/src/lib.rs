//! Reads the vectors of this folder for the verifiers' tests. The format is in README.md; a line
//! that has another one panics, so that no vector is left out unseen.

use base64ct::{Base64, Encoding};

pub const ACVP_ML_DSA_44: &str = include_str!("../acvp-ml-dsa-44.tsv");
pub const ACVP_ML_DSA_65: &str = include_str!("../acvp-ml-dsa-65.tsv");
pub const ACVP_SLH_DSA_SHA2_128S: &str = include_str!("../acvp-slh-dsa-sha2-128s.tsv");
pub const WYCHEPROOF_ML_DSA_44: &str = include_str!("../wycheproof-ml-dsa-44.tsv");
pub const WYCHEPROOF_ML_DSA_65: &str = include_str!("../wycheproof-ml-dsa-65.tsv");

pub struct Vector {
    /// The source's number of the test case.
    pub id: u32,
    pub is_valid: bool,
    pub comment: String,
    pub public_key: Vec<u8>,
    pub message: Vec<u8>,
    pub context: Vec<u8>,
    pub signature: Vec<u8>,
}

pub fn parse(file: &str) -> Vec<Vector> {
    let mut vectors: Vec<Vector> = Vec::new();
    for line in file.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, verdict, comment, public_key, message, context, signature] = fields[..] else {
            panic!("{} fields instead of 7", fields.len());
        };
        let public_key = match (public_key, vectors.last()) {
            ("=", Some(previous)) => previous.public_key.clone(),
            _ => decode(public_key),
        };
        vectors.push(Vector {
            id: id.parse().unwrap(),
            is_valid: match verdict {
                "accept" => true,
                "refuse" => false,
                other => panic!("neither accept nor refuse: {other}"),
            },
            comment: comment.into(),
            public_key,
            message: decode(message),
            context: decode(context),
            signature: decode(signature),
        });
    }
    vectors
}

fn decode(field: &str) -> Vec<u8> {
    Base64::decode_vec(field).unwrap()
}
