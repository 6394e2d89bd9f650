using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace SessionManager.Tests;

/// <summary>
/// A PostgreSQL server of this test process's own, on a Unix socket in a temporary folder. It ends with the process however
/// that ends: its keeper reads a pipe that nobody but us holds open, and it does not outlive its keeper either.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    static readonly Lazy<PostgresServer> Started = new(() => new PostgresServer("fsync=off"));

    readonly string _folder = Directory.CreateTempSubdirectory("pg").FullName;
    readonly Process _keeper;
    int _databases;

    /// <summary>
    /// The one that all tests of the process share; each takes a database of its own. Nothing here outlives the tests, so it does
    /// not wait for the disk.
    /// </summary>
    public static PostgresServer Shared => Started.Value;

    /// <summary>One whose commits reach the disk, for measurements.</summary>
    public static PostgresServer StartDurable() => new("fsync=on");

    PostgresServer(string setting)
    {
        Run("chown", UserName, _folder);
        AsUser($"{PostgresBinaries.Folder}/initdb", "--pgdata", $"{_folder}/data", "--auth", "trust", "--username", "test", "--no-sync");
        _keeper = Start("sh", "-c",
            $"""
            {string.Join(' ', Become)} setpriv --pdeathsig QUIT -- {PostgresBinaries.Folder}/postgres -D {_folder}/data -k {_folder} -c listen_addresses= \
                -c {setting} -c autovacuum=off -c max_connections=200 </dev/null >{_folder}/log 2>&1 &
            read ended
            kill -QUIT $!; wait; rm -rf {_folder}
            """);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        AwaitReady();
    }

    /// <summary>A connection string to a new, empty database.</summary>
    public string CreateDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        Execute($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    public void Dispose()
    {
        if (_keeper.HasExited)
            return;
        _keeper.StandardInput.Close();
        _keeper.WaitForExit();
    }

    /// <summary>The server refuses to run as root.</summary>
    static string UserName { get; } = Environment.UserName != "root" ? Environment.UserName : UserExists("postgres") ? "postgres" : "nobody";

    static string[] Become { get; } = Environment.UserName == "root" ? ["setpriv", "--reuid", UserName, "--clear-groups", "--"] : [];

    static bool UserExists(string name) => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));

    string ConnectionString(string database) => $"Host={_folder};Username=test;Database={database};Maximum Pool Size=50";

    void AwaitReady()
    {
        // pg_ctl would wait for us, but then the server would not be the keeper's child.
        for (var waited = Stopwatch.StartNew(); ; Thread.Yield())
        {
            try
            {
                Execute("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (waited.Elapsed < TimeSpan.FromSeconds(30) && !_keeper.HasExited)
            {
            }
        }
    }

    void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    static void AsUser(params string[] command) => Run([.. Become, .. command]);

    static void Run(params string[] command)
    {
        using var process = Start(command);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {output}");
    }

    static Process Start(params string[] command) => Process.Start(new ProcessStartInfo(command[0], command[1..])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;
}
