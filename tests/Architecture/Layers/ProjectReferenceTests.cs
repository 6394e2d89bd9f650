using System.Text.RegularExpressions;

namespace SessionManager.Tests.Layers;

public partial class ProjectReferenceTests
{
    static readonly ProjectFile[] Projects = ProjectFile.All();

    [Fact]
    public void Arrows_between_projects_run_one_way() => Assert.Equal(
        [
            "Abstractions: ",
            "Api: Abstractions Silo",
            "Cli: Client",
            "Client: ",
            "Console: Client",
            "Grains: Abstractions",
            "Silo: Grains Storage",
            "Storage: Abstractions",
        ],
        Projects.Select(project => $"{project.Name}: {string.Join(' ', project.Projects)}"));

    [Fact]
    public void The_front_end_can_name_neither_grains_nor_storage_but_only_their_contracts() =>
        Assert.Contains(
            "<DisableTransitiveProjectReferences>true</DisableTransitiveProjectReferences>",
            File.ReadAllText(Path.Combine(Repository.Root, "src", "Api", "Api.csproj")),
            StringComparison.Ordinal);

    [Fact]
    public void Only_the_programs_that_listen_reference_the_web_framework()
    {
        Assert.Equal(["Silo"], Projects.Where(project => project.Frameworks.Contains("Microsoft.AspNetCore.App")).Select(project => project.Name));
        foreach (var name in new[] { "Abstractions", "Grains", "Storage" })
        {
            var sources = Directory.GetFiles(Path.Combine(Repository.Root, "src", name), "*.cs", SearchOption.AllDirectories);
            Assert.DoesNotContain(sources, source => File.ReadAllText(source).Contains("using Microsoft.AspNetCore", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Contracts_and_grains_speak_to_no_database()
    {
        string[] drivers = ["Npgsql", "Dapper", "Microsoft.Data.Sqlite"];
        Assert.Equal(["Silo", "Storage"], Projects.Where(project => project.Packages.Intersect(drivers).Any()).Select(project => project.Name));
    }

    [Fact]
    public void The_picture_in_CONTRIBUTING_shows_just_these_arrows()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "CONTRIBUTING.md"));
        var drawn = Arrow().Matches(text).Select(arrow => $"{arrow.Groups[1].Value} {arrow.Groups[2].Value}");
        var there = Projects.SelectMany(project => project.Projects.Select(other => $"{project.Name} {other}"));
        Assert.Equal(there.Order(StringComparer.Ordinal), drawn.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^ +(\w+) --> (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();
}
