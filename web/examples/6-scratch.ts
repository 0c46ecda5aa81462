// title: Your own program
// title.zh: 自己写一段
// about: An empty page. What you write is kept in this browser.
// about.zh: 一张白纸。写下的代码保存在这个浏览器里。
// group: own
import { print, torch } from 'backward0'

const x = torch.tensor(
  [
    [1, 2],
    [3, 4],
  ],
  { dtype: torch.float64, requires_grad: true },
)
const y = x.mul(x).sum()

y.backward()
print(y)
print(x.grad)
