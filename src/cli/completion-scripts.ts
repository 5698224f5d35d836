// Completion scripts for bash, zsh and fish. They know nothing themselves: they ask `mco completion --complete`, so new commands, agents
// and actions complete at once. Where mco knows nothing, files are completed. [M-012]

import { usageError } from './usage-error.ts'

/** `shell` is `bash`, `zsh` or `fish`. Throws USAGE_INVALID. */
export function completionScript(shell: string): string {
  switch (shell) {
    case 'bash':
      return BASH
    case 'zsh':
      return ZSH
    case 'fish':
      return FISH
    default:
      throw usageError(`there is a completion script for bash, zsh and fish, not for ${shell}`)
  }
}

const BASH = `# bash completion for mco
_mco() {
  local IFS=$'\\n'
  COMPREPLY=($(mco completion --complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o bashdefault -o default -F _mco mco
`

const ZSH = `#compdef mco
# zsh completion for mco
_mco() {
  local -a plain open
  local line
  for line in \${(f)"$(mco completion --complete -v -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    case \${line%%:*} in
      *=) open+=("$line") ;;
      ?*) plain+=("$line") ;;
    esac
  done
  if (( $#plain + $#open == 0 )); then
    _files
    return
  fi
  (( $#plain )) && _describe 'mco' plain
  (( $#open )) && _describe 'mco' open -S ''
}
if [ "$funcstack[1]" = _mco ]; then _mco "$@"; else compdef _mco mco; fi
`

const FISH = `# fish completion for mco
function __mco_candidates
    set -l words (commandline -opc) (commandline -ct)
    mco completion --complete -v -- $words[2..-1] 2>/dev/null | string replace -r : \\t
end
complete -c mco -a '(__mco_candidates)'
`
