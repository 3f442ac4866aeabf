#![doc = include_str!("proxies.md")]
