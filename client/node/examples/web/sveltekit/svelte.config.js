// No adapter: the test asks SvelteKit's own server, a Request for a Response.
export default { kit: { adapter: { name: "none", adapt: () => {} } } };
