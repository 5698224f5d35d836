// The product's mark: three players, one in the light.

export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 2.5 29 26.5H3z" fill="#f0b429" opacity=".22" />
      <circle cx="7.5" cy="23" r="4" fill="#94b1ee" />
      <circle cx="24.5" cy="23" r="4" fill="#94b1ee" />
      <circle cx="16" cy="19.5" r="5.5" fill="#f0b429" />
    </svg>
  )
}
