using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SessionManager.Client;

namespace SessionManager.Cli;

/// <summary>The operator's commands, each a few calls of the server through its .NET client.</summary>
public sealed class CommandLine
{
    const string UrlVariable = "SESSIONCTL_URL";
    const string TokenVariable = "SESSIONCTL_TOKEN";
    const string UsernameVariable = "SESSIONCTL_USERNAME";
    const string PasswordVariable = "SESSIONCTL_PASSWORD";
    const string NewPasswordVariable = "SESSIONCTL_NEW_PASSWORD";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly CommandContext _context;
    readonly Option<Uri> _url;
    // No default values for these two: help would print what the environment holds.
    readonly Option<string?> _token = new("--token") { Description = $"An administrator's access token; {TokenVariable}.", Recursive = true };
    readonly Option<string?> _username = new("--username")
    {
        Description = $"An administrator's name; {UsernameVariable}. The password comes from {PasswordVariable}, the keyboard or standard input.",
        Recursive = true,
    };
    readonly Option<bool> _json = new("--json") { Description = "Print the server's answer as JSON.", Recursive = true };

    CommandLine(CommandContext context)
    {
        _context = context;
        _url = new Option<Uri>("--url")
        {
            Description = $"The server's address; {UrlVariable}.",
            Recursive = true,
            CustomParser = argument => ParseUrl(argument.Tokens[0].Value, argument.AddError),
            DefaultValueFactory = argument =>
                ParseUrl(Set(UrlVariable) ?? "http://127.0.0.1:5080", argument.AddError)!,
        };
    }

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> Run(IReadOnlyList<string> arguments, CommandContext context, CancellationToken cancellation = default)
    {
        var parsed = new CommandLine(context).Root().Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
                await context.Error.WriteLineAsync(error.Message);
            await context.Error.WriteLineAsync("See sessionctl --help.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = context.Out, Error = context.Error, EnableDefaultExceptionHandler = false },
                cancellation);
        }
        catch (CommandFailedException failed)
        {
            await context.Error.WriteLineAsync(failed.Message);
            return failed.ExitCode;
        }
        catch (SessionManagerApiException refused)
        {
            await context.Error.WriteLineAsync(Explain(refused));
            return refused.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ExitCode.NotAllowed : ExitCode.Refused;
        }
        catch (SessionManagerConnectionException unreached)
        {
            await context.Error.WriteLineAsync(unreached.Message);
            return ExitCode.Unreachable;
        }
    }

    RootCommand Root() => new("Administers a session server from the command line.")
    {
        _url,
        _token,
        _username,
        _json,
        new Command("admin", "Administrators.") { CreateAdmin() },
        new Command("user", "Users.") { ResetPassword() },
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
            var username = parsed.GetRequiredValue(name);
            if (Token(parsed) is null && Username(parsed) is null)
            {
                var first = await server.Client.Auth.SetUpAsync(username, NewPassword(), cancellation);
                await Print(parsed, first, CliJson.Default.User, $"{first.Username} administers this server.");
                return;
            }

            await LogIn(server, parsed, cancellation);
            var users = server.Client.Admin.Users;
            var user = await users.CreateAsync(username, NewPassword(), cancellation);
            var admin = await users.UpdateAsync(user.Id, new UpdateUserOptions { IsAdmin = true }, cancellation);
            await Print(parsed, admin, CliJson.Default.User, $"{admin.Username} is an administrator.");
        });
        return command;
    }

    Command ResetPassword()
    {
        var name = new Argument<string>("name") { Description = "The user's name." };
        var command = new Command(
            "reset-password",
            $"Sets a user's password and ends their logins. The new one comes from {NewPasswordVariable}, the keyboard or standard input.")
        {
            name,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Connect(parsed);
            await LogIn(server, parsed, cancellation);
            var users = server.Client.Admin.Users;
            var found = await FindUser(users, parsed.GetRequiredValue(name), cancellation);
            var user = await users.UpdateAsync(found.Id, new UpdateUserOptions { Password = NewPassword() }, cancellation);
            await Print(parsed, user, CliJson.Default.User, $"{user.Username} has a new password; earlier logins are void.");
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
            var options = new CreateKeyOptions { Name = parsed.GetRequiredValue(name), Scopes = [KeyScopes.NodesReport] };
            var key = await server.Client.Keys.CreateAsync(options, cancellation);
            await Print(parsed, key, CliJson.Default.NewApiKey, key.Key);
        });
        return command;
    }

    Command ListSessions()
    {
        var state = new Option<string?>("--state") { Description = "Only those in this state." };
        state.AcceptOnlyFromAmong(SessionStates.Provisioned, SessionStates.Connected, SessionStates.Dropped);
        var limit = new Option<int>("--limit") { Description = "How many at most, 1 to 200.", DefaultValueFactory = _ => 50 };
        var cursor = new Option<string?>("--cursor") { Description = "Where the page before ended." };
        var command = new Command("list", "Lists sessions of every account, newest first.") { state, limit, cursor };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = Connect(parsed);
            await LogIn(server, parsed, cancellation);
            var page = await server.Client.Admin.Sessions.ListPageAsync(
                new AdminSessionListOptions
                {
                    State = parsed.GetValue(state),
                    Limit = parsed.GetValue(limit),
                    Cursor = parsed.GetValue(cursor),
                },
                cancellation);
            await Print(parsed, page, CliJson.Default.PageSession, SessionTable(page.Data));
            if (!parsed.GetValue(_json) && page.Cursor is { } next)
                await _context.Error.WriteLineAsync($"More with --cursor {next}");
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
            var dropped = await server.Client.Admin.Sessions.DropAsync(parsed.GetRequiredValue(id), cancellation);
            await Print(parsed, dropped, CliJson.Default.Session, $"{dropped.SessionId} is dropped.");
        });
        return command;
    }

    Server Connect(ParseResult parsed) => new(_context.Http, parsed.GetRequiredValue(_url), Patience);

    async Task LogIn(Server server, ParseResult parsed, CancellationToken cancellation)
    {
        if (Token(parsed) is { } given)
            server.Token = given;
        else if (Username(parsed) is { } name)
            server.Token = (await server.Client.Auth.LogInAsync(
                name, Secrets.Read(_context, PasswordVariable, $"Password of {name}", twice: false), cancellation)).Token;
        else
            throw new CommandFailedException(ExitCode.Usage, $"Give --token, or --username (or {TokenVariable}, {UsernameVariable}).");
    }

    string NewPassword() => Secrets.Read(_context, NewPasswordVariable, "New password", twice: true);

    static async Task<User> FindUser(AdminUsersClient users, string name, CancellationToken cancellation)
    {
        await foreach (var user in users.ListAsync(new() { Search = name }, cancellation))
        {
            if (string.Equals(user.Username, name, StringComparison.OrdinalIgnoreCase))
                return user;
        }

        throw new CommandFailedException(ExitCode.Refused, $"There is nobody called {name}.");
    }

    async Task Print<T>(ParseResult parsed, T answer, JsonTypeInfo<T> type, string inWords) =>
        await _context.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonSerializer.Serialize(answer, type) : inWords);

    static string Explain(SessionManagerApiException refused)
    {
        var code = refused.Code is null ? "" : $" {refused.Code}";
        var wait = refused.RetryAfter is { } delay ? $" Try again in {delay.TotalSeconds} s." : "";
        var request = refused.RequestId is { } id ? $" [request {id}]" : "";
        return $"{(int)refused.Status}{code}: {refused.Message}{wait}{request}";
    }

    static string SessionTable(IEnumerable<Session> sessions)
    {
        string[] columns = ["session_id", "state", "reason", "account_id", "node_id", "created_at"];
        var rows = sessions.Select(Row).Prepend(columns).ToList();
        var widths = columns.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        return string.Join(Environment.NewLine, rows.Select(row =>
            string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }

    static string[] Row(Session session) =>
    [
        session.SessionId, session.State, session.Reason ?? "-", session.AccountId, session.NodeId,
        session.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
    ];

    string? Token(ParseResult parsed) => parsed.GetValue(_token) ?? Set(TokenVariable);

    string? Username(ParseResult parsed) => parsed.GetValue(_username) ?? Set(UsernameVariable);

    string? Set(string variable) => _context.Variable(variable) is { Length: > 0 } value ? value : null;

    static Uri? ParseUrl(string text, Action<string> refuse)
    {
        if (Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https")
            return parsed;
        refuse($"'{text}' is not an http or https address.");
        return null;
    }
}
