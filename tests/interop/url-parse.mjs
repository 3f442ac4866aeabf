// `URL.parse` for Node 20: oidc-provider calls it, Node has it since 22.1.
URL.parse ??= (input, base) => (URL.canParse(input, base) ? new URL(input, base) : null);
