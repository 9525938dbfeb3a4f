import type { LinkProps } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import type { LucideIcon } from 'lucide-react'
import { Check, Copy, LoaderCircle } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { useState } from 'react'
import { Tip } from './tip.tsx'

const looks = {
  primary: 'bg-accent-fill text-on-accent border-transparent hover:brightness-105 font-semibold',
  plain: 'bg-surface text-ink border-line-strong hover:bg-sunken font-medium',
  quiet: 'bg-transparent text-ink-soft border-transparent hover:bg-sunken hover:text-ink font-medium',
  danger: 'bg-surface text-failed border-line-strong hover:bg-failed-soft font-medium',
} as const
const shape =
  'inline-flex h-8 items-center justify-center gap-1.5 rounded-md border px-3 text-sm whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-50'

interface Look {
  readonly look?: keyof typeof looks
  readonly icon?: LucideIcon
}

export function Button({
  look = 'plain',
  icon: Icon,
  busy = false,
  children,
  className = '',
  disabled,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & Look & { readonly busy?: boolean }) {
  const Shown = busy ? LoaderCircle : Icon
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      className={`${shape} ${looks[look]} ${className}`}
    >
      {Shown && <Shown size={15} aria-hidden className={busy ? 'animate-spin' : ''} />}
      {children}
    </button>
  )
}

/** A place to go to that looks like a button. */
export function LinkButton({
  look = 'plain',
  icon: Icon,
  children,
  ...to
}: LinkProps & Look & { readonly children: ReactNode }) {
  return (
    <Link {...to} className={`${shape} ${looks[look]}`}>
      {Icon && <Icon size={15} aria-hidden />}
      {children}
    </Link>
  )
}

/** On the head of a panel: to the page that has all of it. */
export function MoreLink({ children, ...to }: LinkProps & { readonly children: ReactNode }) {
  return (
    <Link {...to} className="text-xs text-accent hover:underline">
      {children}
    </Link>
  )
}

/** A button of one sign; the label is read out and shown on hover. */
export function IconButton({
  label,
  icon: Icon,
  isOn,
  className = '',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly label: string
  readonly icon: LucideIcon
  readonly isOn?: boolean
}) {
  return (
    <Tip text={label}>
      <button
        type="button"
        aria-label={label}
        {...(isOn !== undefined && { 'aria-pressed': isOn })}
        {...rest}
        className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink disabled:opacity-40 aria-pressed:bg-accent-soft aria-pressed:text-accent ${className}`}
      >
        <Icon size={16} aria-hidden />
      </button>
    </Tip>
  )
}

export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [isDone, setDone] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setDone(true)
    setTimeout(() => setDone(false), 1_500)
  }
  return (
    <IconButton
      label={isDone ? 'Copied' : label}
      icon={isDone ? Check : Copy}
      onClick={() => void copy()}
      className="size-6"
    />
  )
}
