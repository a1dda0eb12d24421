mod p256_point;
mod registration;
