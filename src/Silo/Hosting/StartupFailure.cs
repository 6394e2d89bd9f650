using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orleans.Runtime;
using SessionManager.Storage;

namespace SessionManager.Hosting;

/// <summary>Turns what stopped a start into lines an operator can act on.</summary>
static class StartupFailure
{
    const int Corrupt = 11;
    const int NoDatabase = 26;

    public static IEnumerable<string> Explain(Exception exception)
    {
        var chain = Chain(exception).ToArray();
        if (chain.OfType<StartupException>().FirstOrDefault() is { } problem)
            return problem.Lines;
        return [chain.Select(Sentence).FirstOrDefault(line => line is not null)
            ?? $"The start failed: {exception.GetType().Name}: {OneLine(exception.Message)}"];
    }

    static string? Sentence(Exception exception) => exception switch
    {
        StorageUnusableException => exception.Message,
        IOException { InnerException: AddressInUseException } => $"PORT: {OneLine(exception.Message)}",
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
            "Cluster__SiloPort or Cluster__GatewayPort: another process listens on that port.",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "PORT: this user may not listen on that port.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "The address to listen on is none of this machine's.",
        HttpListenerException => $"Telemetry__PrometheusPort: {OneLine(exception.Message)}",
        SqliteException { SqliteErrorCode: Corrupt or NoDatabase } => $"DATA_DIR: a database file is damaged: {OneLine(exception.Message)}",
        SqliteException => $"DATA_DIR: a database file cannot be used: {OneLine(exception.Message)}",
        PostgresException => $"Storage__ConnectionString: the database refuses: {OneLine(exception.Message)}",
        NpgsqlException => $"Storage__ConnectionString: the database cannot be reached: {OneLine(exception.Message)}",
        OrleansConfigurationException => OneLine(exception.Message),
        _ => null,
    };

    static IEnumerable<Exception> Chain(Exception exception)
    {
        for (Exception? next = exception; next is not null; next = next.InnerException)
            yield return next;
    }

    static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
