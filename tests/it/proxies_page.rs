//! The page about proxies shows the very configurations that are tested with the programs.

use crate::support::problem_paths;
use crate::support::read_config;

const PAGE: &str = include_str!("../../crates/tower-layer/src/proxies.md");

/// Those of the proxies, each with that of claviger.
const RECIPES: [(&str, &str); 6] = [
    (include_str!("../interop/proxies/nginx.conf"), include_str!("../interop/proxies/nginx.toml")),
    (include_str!("../interop/proxies/haproxy.cfg"), include_str!("../interop/proxies/haproxy.toml")),
    (include_str!("../interop/proxies/apache.conf"), include_str!("../interop/proxies/apache.toml")),
    (include_str!("../interop/proxies/Caddyfile"), include_str!("../interop/proxies/caddy.toml")),
    (include_str!("../interop/proxies/traefik-dynamic.yml"), include_str!("../interop/proxies/traefik.toml")),
    (include_str!("../interop/proxies/envoy.yaml"), include_str!("../interop/proxies/envoy.toml")),
];

#[test]
fn each_recipe_is_the_one_that_is_tested() {
    for (proxy, settings) in RECIPES {
        for text in [proxy, settings] {
            assert!(PAGE.contains(&format!("\n{}\n```\n", text.trim_end())), "not on the page: {text}");
        }
    }
}

#[test]
fn each_line_about_prefixes_is_one_that_is_tested() {
    let prefix = include_str!("../interop/proxies/prefix.toml");
    assert!(PAGE.contains(prefix.trim_end()), "not on the page: {prefix}");
    for (lines, tested) in [
        (
            &["proxy_pass http://127.0.0.1:3000/;", "location = /.well-known/oauth-protected-resource/mcp {"][..],
            include_str!("../interop/proxies/nginx-prefix.conf"),
        ),
        (
            &[
                "http-request replace-path /mcp(/.*) \\1 if mcp",
                "acl metadata path /.well-known/oauth-protected-resource/mcp",
            ],
            include_str!("../interop/proxies/haproxy-prefix.cfg"),
        ),
        (
            &[
                "ProxyPass /mcp/ http://127.0.0.1:3000/ nocanon",
                "ProxyPass /.well-known/oauth-protected-resource/mcp \
                 http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp",
            ],
            include_str!("../interop/proxies/apache-prefix.conf"),
        ),
        (
            &["handle_path /mcp/* {", "handle /.well-known/oauth-protected-resource/mcp {"],
            include_str!("../interop/proxies/Caddyfile-prefix"),
        ),
        (
            &["prefixes: [/mcp]", "Path(`/.well-known/oauth-protected-resource/mcp`)"],
            include_str!("../interop/proxies/traefik-prefix.yml"),
        ),
        (
            &["prefix_rewrite: /", "match: { path: /.well-known/oauth-protected-resource/mcp }"],
            include_str!("../interop/proxies/envoy-prefix.yaml"),
        ),
    ] {
        for line in lines {
            assert!(PAGE.contains(line), "not on the page: {line}");
            assert!(tested.contains(line), "not tested: {line}");
        }
    }
}

#[test]
fn each_configuration_of_the_page_builds() {
    let issuer = "[[issuers]]\nissuer = \"https://issuer.example\"\naudience = \"https://api.example.com\"\n";
    let blocks: Vec<_> = PAGE.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 8);
    for block in blocks {
        assert_eq!(problem_paths(read_config(&format!("{block}\n{issuer}"))), [""; 0], "{block}");
    }
}
