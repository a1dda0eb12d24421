mod changed_bits;
mod deployed;
mod hashing;
mod lengths;
mod published_vectors;
