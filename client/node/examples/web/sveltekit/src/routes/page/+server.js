export const GET = () => new Response("page", { headers: { vary: "Origin" } });
