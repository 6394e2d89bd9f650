using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using SessionManager.Sessions;

namespace SessionManager.Tests.Storage.Migration;

/// <summary>
/// What the version before sessions were rows wrote: a demo account with sessions of every kind, stopped in the middle of a mint. The
/// lists of sessions are what its API answered a moment before.
/// </summary>
static class EarlierData
{
    /// <summary>Just after it was stopped.</summary>
    public static readonly DateTimeOffset SqliteStopped = new(2026, 11, 26, 1, 51, 34, TimeSpan.Zero);
    public static readonly DateTimeOffset PostgresStopped = new(2026, 11, 26, 1, 57, 24, TimeSpan.Zero);

    static readonly JsonSerializerOptions Wire = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static string File(string name) => Path.Combine(Repository.Root, "tests/Storage/Migration/Data", name);

    public static void MakeFiles(DirectoryInfo folder)
    {
        foreach (var name in new[] { "grains", "journal" })
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, name)}.db;Pooling=false");
            connection.Open();
            connection.Execute(System.IO.File.ReadAllText(File($"{name}.sql")));
        }
    }

    public static async Task<string> MakeDatabase()
    {
        var place = PostgresServer.Shared.CreateDatabase();
        await using var connection = new NpgsqlConnection(place + ";Pooling=false");
        await connection.ExecuteAsync(await System.IO.File.ReadAllTextAsync(File("postgres.sql")));
        return place;
    }

    /// <summary>As the earlier version's API listed them, newest first.</summary>
    public static ImmutableArray<Session> Listed(string file) =>
        JsonSerializer.Deserialize<List>(System.IO.File.ReadAllText(File(file)), Wire)!.Data;

    sealed record List(ImmutableArray<Session> Data);
}
