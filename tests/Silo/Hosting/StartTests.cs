using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans;
using SessionManager.Secrets;
using SessionManager.Users;

namespace SessionManager.Tests.Hosting;

/// <summary>A start that cannot be says so in one line.</summary>
public sealed class StartTests : IDisposable
{
    readonly HostFixture _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_folder_in_use_by_another_process_is_named()
    {
        await using var first = await _host.Start();

        Assert.Equal([$"DATA_DIR: another process is using the data folder {_host.Folder}."], await _host.FailToStart());
    }

    [Fact]
    public async Task A_folder_is_free_again_after_a_stop()
    {
        await using (var first = await _host.Start())
            await first.StopAsync();

        await using var second = await _host.Start();
        await second.StopAsync();
    }

    [Fact]
    public async Task What_Orleans_left_in_a_folder_of_the_old_layout_is_taken_over_once()
    {
        var old = Path.Combine(_host.Folder, "orleans");
        await using (var before = await _host.Start())
        {
            Assert.True((await User(before).Create("ada", "hash")).Ok);
            await before.StopAsync();
        }

        SqliteConnection.ClearAllPools();
        Directory.Move(_host.DatabaseFolder, old);

        await using var after = await _host.Start();
        Assert.Equal("ada", (await User(after).Get())?.Username);
        Assert.False(Directory.Exists(old));
        await after.StopAsync();
    }

    [Fact]
    public async Task What_the_engine_that_is_no_more_left_is_refused_and_left_alone()
    {
        var old = Path.Combine(_host.Folder, "inprocess");
        Directory.CreateDirectory(old);
        await File.WriteAllTextAsync(Path.Combine(old, "grains.db"), "");

        Assert.Equal(
            [$"DATA_DIR: the data in {old} is of the engine InProcess, which is no more. Move that folder away to begin with nothing, or give another DATA_DIR."],
            await _host.FailToStart());
        Assert.Equal([Path.Combine(old, "grains.db")], Directory.GetFileSystemEntries(old));
        Assert.False(Directory.Exists(_host.DatabaseFolder));
    }

    [PostgresFact]
    public async Task A_database_of_the_engine_that_is_no_more_is_refused()
    {
        var connectionString = PostgresServer.Shared.CreateDatabase();
        await using (var database = NpgsqlDataSource.Create(connectionString))
        await using (var command = database.CreateCommand("CREATE TABLE grain_meta (key text PRIMARY KEY, value bigint NOT NULL)"))
            await command.ExecuteNonQueryAsync();

        var line = Assert.Single(await _host.FailToStart("--Storage:Provider=PostgreSQL", $"--Storage:ConnectionString={connectionString}"));

        Assert.EndsWith("holds the tables of the engine InProcess, which is no more. Give a database of its own.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        await File.WriteAllTextAsync(_host.Folder, "a file where the folder should be");

        var line = Assert.Single(await _host.FailToStart());

        Assert.StartsWith($"DATA_DIR: the data folder {_host.Folder} cannot be ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var line = Assert.Single(await _host.FailToStart($"--PORT={port}"));

        Assert.StartsWith("PORT: ", line, StringComparison.Ordinal);
        Assert.Contains(port, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("70000")]
    [InlineData("http")]
    public async Task A_start_names_an_impossible_port(string port) =>
        Assert.Equal([$"PORT is '{port}'; it must be a whole number from 0 to 65535."], await _host.FailToStart($"--PORT={port}"));

    [Theory]
    [InlineData("grains.db")]
    [InlineData("sessions.db")]
    public async Task A_file_that_is_no_database_is_named(string file)
    {
        Directory.CreateDirectory(_host.DatabaseFolder);
        await File.WriteAllTextAsync(Path.Combine(_host.DatabaseFolder, file), new string('x', 5_000));

        Assert.Contains(file, Assert.Single(await _host.FailToStart()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grains.db")]
    [InlineData("sessions.db")]
    public async Task A_damaged_database_is_named(string file)
    {
        await using (var app = await _host.Start())
            await app.StopAsync();
        SqliteConnection.ClearAllPools();
        var path = Path.Combine(_host.DatabaseFolder, file);
        await using (var stream = File.OpenWrite(path))
        {
            // Every page but the first: the header and the list of tables stay as they were.
            stream.Position = 4_096;
            while (stream.Position < stream.Length)
                stream.WriteByte(0xAA);
        }

        Assert.Contains(file, Assert.Single(await _host.FailToStart()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAA")]
    public async Task A_damaged_master_key_is_named(string content)
    {
        Directory.CreateDirectory(_host.Folder);
        await File.WriteAllTextAsync(Path.Combine(_host.Folder, "master.key"), content);

        Assert.Contains("master.key is damaged", Assert.Single(await _host.FailToStart()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_master_key_given_must_be_one() =>
        Assert.Equal(["Signing__MasterKey must be 32 bytes in base64."], await _host.FailToStart("--Signing:MasterKey=abc"));

    [Fact]
    public async Task A_database_server_that_is_not_there_is_named()
    {
        var line = Assert.Single(await _host.FailToStart(
            "--Storage:Provider=PostgreSQL", "--Storage:ConnectionString=Host=127.0.0.1;Port=1;Username=x;Database=y;Timeout=2"));

        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.StartsWith("Storage__ConnectionString: the database cannot be reached: ", line, StringComparison.Ordinal);
    }

    static IUserGrain User(WebApplication app) => app.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(UserIds.Of("ada"));
}
