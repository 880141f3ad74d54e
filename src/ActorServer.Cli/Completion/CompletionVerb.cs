using System.CommandLine;

namespace ActorServer.Cli.Completion;

/// <summary><c>completion</c>: what a shell needs to complete verbs and options. The program itself is asked what fits.</summary>
internal static class CompletionVerb
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            # In ~/.bashrc: source <(actorctl completion bash)
            _actorctl() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(actorctl "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _actorctl actorctl
            """,
        ["zsh"] = """
            # In ~/.zshrc, after compinit: source <(actorctl completion zsh)
            _actorctl() {
                local completions=("${(@f)$(actorctl "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
                compadd -- "${completions[@]}"
            }
            compdef _actorctl actorctl
            """,
        ["fish"] = """
            # In ~/.config/fish/config.fish: actorctl completion fish | source
            complete -c actorctl -f -a '(actorctl "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
            """,
        ["pwsh"] = """
            # In $PROFILE: actorctl completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName actorctl -ScriptBlock {
                param($word, $line, $position)
                actorctl "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    public static Command Create(Surroundings surroundings)
    {
        Argument<string> shell = new("SHELL") { Description = $"One of {string.Join(", ", Scripts.Keys)}." };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        Command command = new("completion", "Print what a shell needs to complete verbs and options.") { shell };
        command.SetAction(parse =>
        {
            var name = parse.GetRequiredValue(shell);
            surroundings.Out.WriteLine(Scripts.GetValueOrDefault(name)
                ?? throw new UsageException($"There is no completion for \"{Screens.Plain.Text(name)}\": it is one of {string.Join(", ", Scripts.Keys)}."));
            return ExitCode.Done;
        });
        return command;
    }
}
