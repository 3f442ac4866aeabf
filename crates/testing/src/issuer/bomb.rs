//! A small gzip body that decodes to a large one.

use bytes::Bytes;

/// `document` and blanks behind it, `decoded` bytes in all, as one gzip member (RFC 1952).
pub(super) fn gzip_bomb(document: &[u8], decoded: usize) -> Bytes {
    let blanks = decoded.saturating_sub(document.len());
    let mut member = HEADER.to_vec();
    for part in document.chunks(usize::from(u16::MAX)) {
        stored_block(&mut member, part);
    }
    blank_block(&mut member, blanks);
    member.extend_from_slice(&checksum(document, blanks).to_le_bytes());
    // The size field counts modulo 2^32.
    let size = (document.len() + blanks) as u32;
    member.extend_from_slice(&size.to_le_bytes());
    member.into()
}

/// A block without compression (RFC 1951, section 3.2.4).
fn stored_block(member: &mut Vec<u8>, part: &[u8]) {
    let length = part.len() as u16;
    member.push(0);
    member.extend_from_slice(&length.to_le_bytes());
    member.extend_from_slice(&(!length).to_le_bytes());
    member.extend_from_slice(part);
}

/// The last block, with fixed codes (RFC 1951, section 3.2.6): single blanks, then each match repeats one 258 times.
fn blank_block(member: &mut Vec<u8>, blanks: usize) {
    let singles = match blanks % LONGEST_MATCH {
        0 if blanks > 0 => LONGEST_MATCH,
        rest => rest,
    };
    let mut bits = Bits::default();
    bits.push(member, 0b1, 1); // the last block
    bits.push(member, 0b01, 2); // fixed codes
    for _ in 0..singles {
        bits.push_code(member, 0b0011_0000 + u32::from(b' '), 8);
    }
    for _ in 0..(blanks - singles) / LONGEST_MATCH {
        bits.push_code(member, 0b1100_0101, 8); // length 258
        bits.push_code(member, 0, 5); // distance 1
    }
    bits.push_code(member, 0, 7); // end of block
    bits.fill_up(member);
}

/// Packs bits into bytes from the lowest bit up.
#[derive(Default)]
struct Bits {
    waiting: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, member: &mut Vec<u8>, value: u32, count: u32) {
        self.waiting |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            member.push(self.waiting as u8);
            self.waiting >>= 8;
            self.count -= 8;
        }
    }

    /// Huffman codes start with their highest bit.
    fn push_code(&mut self, member: &mut Vec<u8>, code: u32, count: u32) {
        self.push(member, code.reverse_bits() >> (u32::BITS - count), count);
    }

    fn fill_up(&mut self, member: &mut Vec<u8>) {
        self.push(member, 0, (8 - self.count) % 8);
    }
}

fn checksum(document: &[u8], blanks: usize) -> u32 {
    let table = table();
    let step = |crc: u32, byte: u8| table[usize::from(crc as u8 ^ byte)] ^ (crc >> 8);
    let crc = document.iter().fold(!0, |crc, byte| step(crc, *byte));
    !(0..blanks).fold(crc, |crc, _| step(crc, b' '))
}

fn table() -> [u32; 256] {
    let divided = |crc: u32| {
        if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ POLYNOMIAL }
    };
    std::array::from_fn(|byte| (0..8).fold(byte as u32, |crc, _| divided(crc)))
}

const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
const LONGEST_MATCH: usize = 258;
/// CRC-32 with its bits reversed (RFC 1952, section 8).
const POLYNOMIAL: u32 = 0xedb8_8320;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_gzip() {
        assert_eq!(checksum(b"123456789", 0), 0xcbf4_3926);
        assert_eq!(checksum(b"a", 2), checksum(b"a  ", 0));
    }

    #[test]
    fn a_bomb_is_small() {
        let bomb = gzip_bomb(b"{}", 1 << 20);
        assert!(bomb.len() < (1 << 20) / 100, "{}", bomb.len());
    }
}
