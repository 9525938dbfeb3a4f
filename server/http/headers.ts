/** What every answer says to browsers. */

const policy = (styles: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // The attribute `style` is how charts and menus are placed; elements come from our files, or bear the nonce of the page.
    `style-src-elem ${styles}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')

export const strictHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy("'self'"),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()',
  'cache-control': 'no-store',
}

/** Of the page of the application: what CodeMirror, Radix and the charts write into it bears the nonce. */
export const pagePolicy = (nonce: string): string => policy(`'self' 'nonce-${nonce}'`)
