using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SessionManager.Cli;

/// <summary>The operator's commands, each a few calls of the server's HTTP API.</summary>
public sealed class CommandLine
{
    const string UrlVariable = "SESSIONCTL_URL";
    const string TokenVariable = "SESSIONCTL_TOKEN";
    const string UsernameVariable = "SESSIONCTL_USERNAME";
    const string PasswordVariable = "SESSIONCTL_PASSWORD";
    const string NewPasswordVariable = "SESSIONCTL_NEW_PASSWORD";
    const string NodesReport = "nodes:report";
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    readonly Surroundings around;
    readonly Option<Uri> url;
    // No default values for these two: help would print what the environment holds.
    readonly Option<string?> token = new("--token") { Description = $"An administrator's access token; {TokenVariable}.", Recursive = true };
    readonly Option<string?> username = new("--username")
    {
        Description = $"An administrator's name; {UsernameVariable}. The password comes from {PasswordVariable}, the keyboard or standard input.",
        Recursive = true,
    };
    readonly Option<bool> json = new("--json") { Description = "Print the server's answer as JSON.", Recursive = true };

    CommandLine(Surroundings around)
    {
        this.around = around;
        url = new Option<Uri>("--url")
        {
            Description = $"The server's address; {UrlVariable}.",
            Recursive = true,
            CustomParser = argument => ParseUrl(argument.Tokens[0].Value, argument.AddError),
            DefaultValueFactory = argument =>
                ParseUrl(Set(UrlVariable) ?? "http://127.0.0.1:5080", argument.AddError)!,
        };
    }

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> Run(IReadOnlyList<string> arguments, Surroundings around, CancellationToken cancellation = default)
    {
        var parsed = new CommandLine(around).Root().Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
                await around.Error.WriteLineAsync(error.Message);
            await around.Error.WriteLineAsync("See sessionctl --help.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = around.Out, Error = around.Error, EnableDefaultExceptionHandler = false },
                cancellation);
        }
        catch (CommandFailedException failed)
        {
            await around.Error.WriteLineAsync(failed.Message);
            return failed.ExitCode;
        }
    }

    RootCommand Root() => new("Administers a session server from the command line.")
    {
        url,
        token,
        username,
        json,
        new Command("admin", "Administrators.") { CreateAdmin() },
        new Command("user", "People.") { ResetPassword() },
        new Command("node-key", "Keys with which streaming nodes report.") { CreateNodeKey() },
        new Command("sessions", "Streaming sessions.") { ListSessions(), DropSession() },
    };

    Command CreateAdmin()
    {
        var name = new Argument<string>("name") { Description = "The new administrator's username." };
        var command = new Command(
            "create",
            $"Makes an administrator. The very first needs no login. Their password comes from {NewPasswordVariable}, the keyboard or standard input.")
        {
            name,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Connect(parsed);
            var person = new JsonObject { ["username"] = parsed.GetRequiredValue(name) };
            if (Token(parsed) is null && Username(parsed) is null)
            {
                person["password"] = NewPassword();
                await Print(parsed, await server.Post("api/setup", person, cancellation), made => $"{made.Text("username")} administers this server.");
                return;
            }

            await LogIn(server, parsed, cancellation);
            person["password"] = NewPassword();
            var user = await server.Post("api/admin/users", person, cancellation);
            var admin = await server.Patch(UserPath(user.Text("id")), new JsonObject { ["is_admin"] = true }, cancellation);
            await Print(parsed, admin, made => $"{made.Text("username")} is an administrator.");
        });
        return command;
    }

    Command ResetPassword()
    {
        var name = new Argument<string>("name") { Description = "The person's username." };
        var command = new Command(
            "reset-password",
            $"Sets a person's password and ends their logins. The new one comes from {NewPasswordVariable}, the keyboard or standard input.")
        {
            name,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Connect(parsed);
            await LogIn(server, parsed, cancellation);
            var id = await FindUser(server, parsed.GetRequiredValue(name), cancellation);
            var user = await server.Patch(UserPath(id), new JsonObject { ["password"] = NewPassword() }, cancellation);
            await Print(parsed, user, changed => $"{changed.Text("username")} has a new password; earlier logins are void.");
        });
        return command;
    }

    Command CreateNodeKey()
    {
        var name = new Argument<string>("name") { Description = "What the key is called in lists, such as the node's name." };
        var command = new Command("create", "Makes a key that may only report for a streaming node, and prints it this once.") { name };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Connect(parsed);
            await LogIn(server, parsed, cancellation);
            var body = new JsonObject { ["name"] = parsed.GetRequiredValue(name), ["scopes"] = new JsonArray(NodesReport) };
            await Print(parsed, await server.Post("api/users/me/keys", body, cancellation), key => key.Text("key"));
        });
        return command;
    }

    Command ListSessions()
    {
        var state = new Option<string?>("--state") { Description = "Only those in this state." };
        state.AcceptOnlyFromAmong("provisioned", "connected", "dropped");
        var limit = new Option<int>("--limit") { Description = "How many at most, 1 to 200.", DefaultValueFactory = _ => 50 };
        var cursor = new Option<string?>("--cursor") { Description = "Where the page before ended." };
        var command = new Command("list", "Lists sessions of every account, newest first.") { state, limit, cursor };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Connect(parsed);
            await LogIn(server, parsed, cancellation);
            var query = $"api/admin/sessions?limit={parsed.GetValue(limit)}"
                + (parsed.GetValue(state) is { } only ? $"&state={only}" : "")
                + (parsed.GetValue(cursor) is { } from ? $"&cursor={Uri.EscapeDataString(from)}" : "");
            var page = await server.Get(query, cancellation);
            await Print(parsed, page, SessionTable);
            if (!parsed.GetValue(json) && page["cursor"] is { } next)
                await around.Error.WriteLineAsync($"More with --cursor {next}");
        });
        return command;
    }

    Command DropSession()
    {
        var id = new Argument<string>("session-id") { Description = "The session to end." };
        var command = new Command("drop", "Ends a session at once.") { id };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Connect(parsed);
            await LogIn(server, parsed, cancellation);
            var session = parsed.GetRequiredValue(id);
            var dropped = await server.Delete($"api/admin/sessions/{Uri.EscapeDataString(session)}", cancellation);
            await Print(parsed, dropped, _ => $"{session} is dropped.");
        });
        return command;
    }

    Server Connect(ParseResult parsed) => new(around.Http, parsed.GetRequiredValue(url));

    async Task LogIn(Server server, ParseResult parsed, CancellationToken cancellation)
    {
        if (Token(parsed) is { } given)
            server.UseToken(given);
        else if (Username(parsed) is { } name)
            await server.LogIn(name, Secrets.Read(around, PasswordVariable, $"Password of {name}", twice: false), cancellation);
        else
            throw new CommandFailedException(ExitCode.Usage, $"Give --token, or --username (or {TokenVariable}, {UsernameVariable}).");
    }

    string NewPassword() => Secrets.Read(around, NewPasswordVariable, "New password", twice: true);

    static async Task<string> FindUser(Server server, string name, CancellationToken cancellation)
    {
        var query = $"api/admin/users?limit=200&search={Uri.EscapeDataString(name)}";
        for (string? next = query; next is not null;)
        {
            var page = await server.Get(next, cancellation);
            foreach (var user in page.Data())
            {
                if (string.Equals(user.Text("username"), name, StringComparison.OrdinalIgnoreCase))
                    return user.Text("id");
            }

            next = page["cursor"] is { } cursor ? $"{query}&cursor={Uri.EscapeDataString(cursor.ToString())}" : null;
        }

        throw new CommandFailedException(ExitCode.Refused, $"There is nobody called {name}.");
    }

    async Task Print(ParseResult parsed, JsonObject answer, Func<JsonObject, string> inWords) =>
        await around.Out.WriteLineAsync(parsed.GetValue(json) ? answer.ToJsonString(Indented) : inWords(answer));

    static string SessionTable(JsonObject page)
    {
        string[] columns = ["session_id", "state", "reason", "account_id", "node_id", "created_at"];
        var rows = page.Data().Select(session => columns.Select(column => session[column]?.ToString() ?? "-").ToArray()).Prepend(columns).ToList();
        var widths = columns.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        return string.Join(Environment.NewLine, rows.Select(row =>
            string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }

    static string UserPath(string id) => $"api/admin/users/{Uri.EscapeDataString(id)}";

    string? Token(ParseResult parsed) => parsed.GetValue(token) ?? Set(TokenVariable);

    string? Username(ParseResult parsed) => parsed.GetValue(username) ?? Set(UsernameVariable);

    string? Set(string variable) => around.Variable(variable) is { Length: > 0 } value ? value : null;

    static Uri? ParseUrl(string text, Action<string> refuse)
    {
        if (Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https")
            return parsed;
        refuse($"'{text}' is not an http or https address.");
        return null;
    }
}
