/** What a style element that is written while the page runs has to bear; the server puts it into the page. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''

// The libraries below the dialogs and menus look for it there.
Object.assign(globalThis, { __webpack_nonce__: styleNonce })
