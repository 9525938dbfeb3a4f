/** What writes style elements into the page (menus, the editor) marks them with this, or the policy of the page drops them. */
export const nonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''

// Where the library that the menus are of looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce })
