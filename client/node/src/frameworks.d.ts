// What is used of frameworks that the package does not install to be built.
declare module "@sveltejs/kit" {
  export function redirect(status: number, location: string): never;
  export function error(status: number, body: { message: string }): never;
}

declare module "next/server.js" {
  export const NextResponse: { next(init: { headers: [string, string][] }): Response };
}
