mod decode;
mod p256_point;
mod xdr;
