using Microsoft.Data.Sqlite;
using static Microsoft.Playwright.Assertions;

namespace SessionManager.Tests;

public sealed class LongListTests(Chromium chromium) : IClassFixture<Chromium>
{
    const int Page = 50;

    [ConsoleFact]
    public async Task Of_ten_thousand_sessions_a_page_is_shown_and_paging_misses_none_while_new_ones_come()
    {
        var name = Chromium.NewName("busy");
        await chromium.Server.CreateUser(name);
        var login = await chromium.Server.LogIn(name, ServerProcess.Password);
        var first = (await chromium.Server.Json(HttpMethod.Post, "credentials", login))["session_id"]!.GetValue<string>();
        await chromium.Server.Json(HttpMethod.Delete, $"api/sessions/{first}", login);
        Multiply(first, 10_000);

        await using var window = await chromium.OpenAs(name, "sessions");
        var links = window.Page.Locator("tbody th a");
        await Expect(links).ToHaveCountAsync(Page);
        var newest = await links.EvaluateAllAsync<string[]>("links => links.map(link => link.title)");
        Assert.True(await window.Page.EvaluateAsync<int>("document.querySelectorAll('*').length") < 3_000);

        await chromium.Server.Json(HttpMethod.Post, "credentials", login);
        await Expect(window.Button("1 new")).ToBeVisibleAsync();
        await window.Link("Next page").ClickAsync();
        await Expect(window.Page.Locator($"a[title='{newest[0]}']")).ToHaveCountAsync(0);
        await Expect(links).ToHaveCountAsync(Page);
        var next = await links.EvaluateAllAsync<string[]>("links => links.map(link => link.title)");
        Assert.Equal(Expected(first).Take(2 * Page), [.. newest, .. next]);

        await window.Page.GoBackAsync();
        await Expect(window.Page.Locator($"a[title='{newest[0]}']")).ToHaveCountAsync(1);
    }

    /// <summary>Newest first: the one that was minted, then its copies, each a second older.</summary>
    static IEnumerable<string> Expected(string first) => Enumerable.Range(1, 10_000).Select(number => $"{first}{number:00000}").Prepend(first);

    /// <summary>Copies a dropped session, in the database itself: to mint so many takes longer than all other tests.</summary>
    void Multiply(string session, int copies)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(chromium.Server.Folder, "database", "sessions.db")};Default Timeout=30");
        database.Open();
        using var ask = database.CreateCommand();
        ask.CommandText = "SELECT name FROM pragma_table_info('sessions')";
        List<string> columns = [];
        using (var reader = ask.ExecuteReader())
        {
            while (reader.Read())
                columns.Add(reader.GetString(0));
        }

        var copied = columns.Select(column => column switch
        {
            "session_id" => "session_id || printf('%05d', number)",
            "created_at" => "created_at - number * 1000",
            _ => column,
        });
        using var copy = database.CreateCommand();
        copy.CommandText =
            $"""
            WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {copies})
            INSERT INTO sessions ({string.Join(", ", columns)}) SELECT {string.Join(", ", copied)} FROM sessions, numbers WHERE session_id = $session
            """;
        copy.Parameters.AddWithValue("$session", session);
        Assert.Equal(copies, copy.ExecuteNonQuery());
    }
}
