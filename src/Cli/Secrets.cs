using System.Text;

namespace SessionManager.Cli;

/// <summary>Passwords come from the environment, the keyboard or standard input, never from an argument that others can list.</summary>
static class Secrets
{
    public static string Read(CommandContext context, string variable, string prompt, bool twice)
    {
        if (context.Variable(variable) is { Length: > 0 } value)
            return value;
        if (!context.Interactive)
        {
            return context.In.ReadLine() is { Length: > 0 } line
                ? line
                : throw new CommandFailedException(ExitCode.Usage, $"Set {variable}, or give the password on standard input.");
        }

        var password = ReadHidden(context.Error, prompt + ": ");
        if (password.Length == 0)
            throw new CommandFailedException(ExitCode.Usage, "The password is empty.");
        if (twice && ReadHidden(context.Error, "Once more: ") != password)
            throw new CommandFailedException(ExitCode.Usage, "The two passwords differ.");
        return password;
    }

    static string ReadHidden(TextWriter terminal, string prompt)
    {
        terminal.Write(prompt);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }

        terminal.WriteLine();
        return text.ToString();
    }
}
