//! Appends values to a buffer that nobody has to clear first.
//!
//! Guarantees that what counts as written was written. Whoever writes knows how much can come at
//! most; more is a panic.

use core::mem::MaybeUninit;

use soroban_sdk::{Bytes, Env};

use super::*;
use crate::memory;

pub struct Writer<'a> {
    buffer: &'a mut [MaybeUninit<u8>],
    length: usize,
}

impl<'a> Writer<'a> {
    pub fn new(buffer: &'a mut [MaybeUninit<u8>]) -> Self {
        Self { buffer, length: 0 }
    }

    pub fn written(&self) -> &[u8] {
        // SAFETY: every function that makes `length` greater writes the bytes up to it first.
        unsafe { self.buffer[..self.length].assume_init_ref() }
    }

    /// The same for as long as the buffer lives.
    pub fn into_written(self) -> &'a [u8] {
        // SAFETY: as above.
        unsafe { self.buffer[..self.length].assume_init_ref() }
    }

    #[inline(always)]
    pub fn raw(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        memory::fill(&mut self.buffer[self.length..end], bytes);
        self.length = end;
    }

    /// What is short and of a known length takes no call.
    #[inline(always)]
    pub fn array<const N: usize>(&mut self, bytes: &[u8; N]) {
        let end = self.length + N;
        self.buffer[self.length..end].write_copy_of_slice(bytes);
        self.length = end;
    }

    /// Changes what was written, from position `start` on.
    pub fn overwrite(&mut self, start: usize, bytes: &[u8]) {
        self.buffer[..self.length][start..start + bytes.len()].write_copy_of_slice(bytes);
    }

    /// Appends a part of `bytes`. The host traps if there are too few.
    pub fn copy(&mut self, env: &Env, bytes: &Bytes, start: usize, length: usize) -> &'_ [u8] {
        let end = self.length + length;
        let copied = memory::copy(env, bytes, start, &mut self.buffer[self.length..end]);
        self.length = end;
        copied
    }

    #[inline(always)]
    pub fn word(&mut self, word: u32) {
        self.array(&word.to_be_bytes());
    }

    pub fn void(&mut self) {
        self.word(VOID);
    }

    #[inline(never)]
    pub fn u32(&mut self, value: u32) {
        self.word(U32);
        self.word(value);
    }

    pub fn i128(&mut self, value: i128) {
        self.word(I128);
        self.array(&value.to_be_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.padded(BYTES, bytes);
    }

    /// What comes before and after so many bytes of a value are `bytes_start` and `bytes_end`.
    pub fn bytes_start(&mut self, length: usize) {
        self.word(BYTES);
        self.word(length as u32);
    }

    #[inline(always)]
    pub fn bytes_end(&mut self, length: usize) {
        for _ in 0..length.wrapping_neg() % 4 {
            self.array(&[0]);
        }
    }

    pub fn string(&mut self, bytes: &[u8]) {
        self.padded(STRING, bytes);
    }

    pub fn symbol(&mut self, name: &str) {
        self.symbol_bytes(name.as_bytes());
    }

    pub fn symbol_bytes(&mut self, name: &[u8]) {
        self.padded(SYMBOL, name);
    }

    #[inline(never)]
    fn padded(&mut self, tag: u32, bytes: &[u8]) {
        self.word(tag);
        self.word(bytes.len() as u32);
        self.raw(bytes);
        self.bytes_end(bytes.len());
    }

    pub fn vec(&mut self, length: usize) {
        self.collection(VEC, length);
    }

    pub fn map(&mut self, length: usize) {
        self.collection(MAP, length);
    }

    #[inline(never)]
    fn collection(&mut self, tag: u32, length: usize) {
        self.word(tag);
        self.word(1);
        self.word(length as u32);
    }

    /// `address` as `Reader::address` returned it.
    pub fn address(&mut self, address: &[u8]) {
        self.word(ADDRESS);
        self.raw(address);
    }

    #[inline(never)]
    pub fn contract(&mut self, contract_id: &[u8; 32]) {
        self.word(ADDRESS);
        self.word(ADDRESS_CONTRACT);
        self.array(contract_id);
    }
}
