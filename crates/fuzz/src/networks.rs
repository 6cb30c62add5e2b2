//! Addresses and blocks of them in lists that administrators write and programs send, and what is known of places.

use std::net::IpAddr;

use sallyport_model::policy::Country;
use sallyport_wire::{
    countries::Countries,
    networks::{self as codec, Networks, Proxy},
};

use crate::parts::line;

/// `block`, `blocks`, `list` or `proxy`, then the text.
pub(crate) fn networks(bytes: &[u8]) -> bool {
    let Some((kind, file)) = line(bytes) else { return false };
    let Ok(text) = std::str::from_utf8(file) else { return false };
    match kind {
        "block" => codec::block(text).is_some_and(|block| {
            assert_eq!(codec::block(&block.to_string()), Some(block));
            assert_eq!((block.trunc(), block.network().to_canonical()), (block, block.network()), "{text}");
            true
        }),
        "blocks" => blocks(text),
        "list" => list(file),
        "proxy" => text.parse::<Proxy>().is_ok_and(|proxy| {
            let network = proxy.network();
            assert!(network.prefix_len() > 0 && codec::block(text) == Some(network));
            assert_eq!(network.to_string().parse(), Ok(proxy));
            true
        }),
        _ => false,
    }
}

/// A range is all between its ends, in order and without gaps.
fn blocks(text: &str) -> bool {
    let Some(blocks) = codec::blocks(text) else { return false };
    assert!((1..=254).contains(&blocks.len()));
    for (one, next) in blocks.iter().zip(blocks.iter().skip(1)) {
        assert_eq!(after(one.broadcast()), Some(next.network()), "{text}");
    }
    if let Some((first, last)) = text.split_once('-') {
        let address = |text: &str| text.trim().parse().ok().map(|address: IpAddr| address.to_canonical());
        assert_eq!(blocks.first().map(|block| block.network()), address(first));
        assert_eq!(blocks.last().map(|block| block.broadcast()), address(last));
    }
    true
}

/// The address behind this one, of its kind.
fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => Some(v4.to_bits().checked_add(1)?.to_be_bytes().into()),
        IpAddr::V6(v6) => Some(v6.to_bits().checked_add(1)?.to_be_bytes().into()),
    }
}

/// A list holds what its lines name and nothing else, and a line that is none spoils all of it.
fn list(file: &[u8]) -> bool {
    let Ok(list) = Networks::read(file) else { return false };
    let text = String::from_utf8_lossy(file);
    let lines = text.lines().map(|line| line.split_once('#').map_or(line, |(before, _)| before).trim());
    let named: Vec<_> = lines.filter_map(codec::block).collect();
    let ends = named.iter().flat_map(|block| [block.network(), block.broadcast()]);
    for address in
        ends.flat_map(|end| [Some(end), after(end)]).flatten().map(|address| address.to_canonical())
    {
        let holds = named.iter().any(|block| block.contains(&address));
        assert_eq!(list.contains(address), holds, "{address} of {text}");
    }
    // Neighbours were joined, and may together be larger than what one line may name.
    let parts = list.iter().flat_map(|block| {
        let shortest = if block.addr().is_ipv4() { 8 } else { 16 };
        block.subnets(block.prefix_len().max(shortest)).into_iter().flatten()
    });
    let written: String = parts.map(|block| format!("{block}\n")).collect();
    assert_eq!(Networks::read(written.as_bytes()).as_ref(), Ok(&list));
    assert!(Networks::read(&[file, b"\nnobody\n"].concat()).is_err());
    list.iter().next().is_some()
}

/// A database of countries. Whatever is asked, the answer is two letters or none.
pub(crate) fn countries(bytes: &[u8]) -> bool {
    let Ok(countries) = Countries::read(bytes.to_vec()) else { return false };
    let asked = [[0_u8; 16], [0x20; 16], [0xff; 16]].map(IpAddr::from);
    let asked = asked.into_iter().chain([[0_u8; 4], [9; 4], [193, 0, 6, 139], [255; 4]].map(IpAddr::from));
    for address in asked {
        if let Some(country) = countries.of(address) {
            assert_eq!(country.as_str().parse::<Country>(), Ok(country));
        }
    }
    let _ = countries.made();
    true
}
