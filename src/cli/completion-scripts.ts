// Completion scripts for bash, zsh and fish. They know nothing themselves: they ask `mco completion`, so new commands, agents and
// actions complete at once. [M-012]

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
  local cur=\${COMP_WORDS[COMP_CWORD]} app=\${COMP_WORDS[1]} words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=$(mco completion --list-applications 2>/dev/null)
  elif [[ $cur == -* ]]; then
    words=$(mco completion --list-options --application "$app" 2>/dev/null)
  else
    case $app in
      help) words="$(mco completion --list-applications 2>/dev/null) $(mco completion --list-agents 2>/dev/null)" ;;
      completion) words="bash zsh fish" ;;
      controller) words="stats reload_agent reload_agents exit" ;;
      plugin) words="doc generate info package types" ;;
      rpc)
        case $COMP_CWORD in
          2) words=$(mco completion --list-agents 2>/dev/null) ;;
          3) words=$(mco completion --list-actions --agent "\${COMP_WORDS[2]}" 2>/dev/null) ;;
          *)
            words=$(mco completion --list-inputs --agent "\${COMP_WORDS[2]}" --action "\${COMP_WORDS[3]}" 2>/dev/null | sed 's/$/=/')
            compopt -o nospace 2>/dev/null
            ;;
        esac
        ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _mco mco
`

const ZSH = `#compdef mco
# zsh completion for mco
_mco() {
  local -a items
  local app=\${words[2]} cur=\${words[CURRENT]}
  if (( CURRENT == 2 )); then
    items=(\${(f)"$(mco completion --list-applications -v 2>/dev/null)"})
  elif [[ $cur == -* ]]; then
    items=(\${(f)"$(mco completion --list-options --application $app -v 2>/dev/null)"})
  else
    case $app in
      help) items=(\${(f)"$(mco completion --list-applications -v 2>/dev/null; mco completion --list-agents -v 2>/dev/null)"}) ;;
      completion) items=(bash zsh fish) ;;
      controller) items=(stats reload_agent reload_agents exit) ;;
      plugin) items=(doc generate info package types) ;;
      rpc)
        case $CURRENT in
          3) items=(\${(f)"$(mco completion --list-agents -v 2>/dev/null)"}) ;;
          4) items=(\${(f)"$(mco completion --list-actions --agent \${words[3]} -v 2>/dev/null)"}) ;;
          *)
            items=(\${(f)"$(mco completion --list-inputs --agent \${words[3]} --action \${words[4]} 2>/dev/null)"})
            compadd -S= -- $items
            return
            ;;
        esac
        ;;
    esac
  fi
  _describe 'mco' items
}
_mco "$@"
`

const FISH = `# fish completion for mco
function __mco_words
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    set -l app $words[2]
    if test (count $words) -eq 1
        mco completion --list-applications -v 2>/dev/null | string replace : \\t
    else if string match -q -- '-*' $cur
        mco completion --list-options --application $app -v 2>/dev/null | string replace : \\t
    else
        switch $app
            case help
                mco completion --list-applications -v 2>/dev/null | string replace : \\t
                mco completion --list-agents -v 2>/dev/null | string replace : \\t
            case completion
                printf '%s\\n' bash zsh fish
            case controller
                printf '%s\\n' stats reload_agent reload_agents exit
            case plugin
                printf '%s\\n' doc generate info package types
            case rpc
                switch (count $words)
                    case 2
                        mco completion --list-agents -v 2>/dev/null | string replace : \\t
                    case 3
                        mco completion --list-actions --agent $words[3] -v 2>/dev/null | string replace : \\t
                    case '*'
                        mco completion --list-inputs --agent $words[3] --action $words[4] 2>/dev/null | string replace -r '$' '='
                end
        end
    end
end
complete -c mco -f -a '(__mco_words)'
`
